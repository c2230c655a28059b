package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// picture is the machine's screen: 720 by 400, in a colour of its own.
func (vm *machine) picture() []byte {
	shot := image.NewPaletted(image.Rect(0, 0, 720, 400), color.Palette{color.RGBA{B: uint8(40 * vm.number), A: 255}})
	var out bytes.Buffer
	_ = png.Encode(&out, shot)
	return out.Bytes()
}

// CreateScreenshotTask puts a picture of the screen into the machine's directory.
func (vm *machine) CreateScreenshotTask(ctx *simulator.Context, _ *types.CreateScreenshot_Task) soap.HasFault {
	t := vm.w.run(ctx, vm, "createScreenshot", func(*simulator.Context) (types.AnyType, fault) {
		if !vm.on() {
			return nil, vm.in(poweredOn)
		}
		name := vm.w.stores.free(dirOf(vm.Config.Files.VmPathName), vm.Name+"-1", ".png")
		shot := vm.picture()
		return name, vm.w.stores.put(name, &file{Kind: "other", Size: int64(len(shot)), Content: shot, Time: vm.w.tick()})
	})
	return &methods.CreateScreenshot_TaskBody{Res: &types.CreateScreenshot_TaskResponse{Returnval: t}}
}

// PutUsbScanCodes presses keys, as long as the machine is on.
func (vm *machine) PutUsbScanCodes(_ *simulator.Context, r *types.PutUsbScanCodes) soap.HasFault {
	if !vm.on() {
		return &methods.PutUsbScanCodesBody{Fault_: raise(vm.in(poweredOn))}
	}
	vm.keys = append(vm.keys, r.Spec.KeyEvents...)
	return &methods.PutUsbScanCodesBody{Res: &types.PutUsbScanCodesResponse{Returnval: int32(len(r.Spec.KeyEvents))}}
}

// screen serves /screen?id=MOID, to those who may.
func (f *front) screen(rw http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	vm := f.w.machines[ref{Type: ofMachine, Value: r.URL.Query().Get("id")}]
	switch {
	case !f.admits(r):
		rw.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
		http.Error(rw, "unauthorized", http.StatusUnauthorized)
	case vm == nil:
		http.NotFound(rw, r)
	case !vm.on():
		http.Error(rw, "the machine has no screen now", http.StatusInternalServerError)
	default:
		rw.Header().Set("Content-Type", "image/png")
		_, _ = rw.Write(vm.picture())
	}
}

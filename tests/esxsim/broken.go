package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// kind is one way in which a call can go wrong. Spoil sends what comes instead
// of the answer; without it the world itself sees to the fault.
type kind struct {
	text  string
	works bool // the work is done first, whether the rule asks for that or not
	spoil func(http.ResponseWriter, call, *recorder)
}

var kinds = map[string]kind{
	"":             {},
	"fault":        {text: "the call raises the named fault"},
	"task":         {text: "the task ends with the named fault"},
	"slow":         {text: "the task stays running for some seconds, then does its work"},
	"hang":         {text: "the answer comes some seconds late"},
	"expire":       {text: "every session ends before the call"},
	"withheld":     {text: "the property is missing for want of a privilege"},
	"mistyped":     {text: "the property has a value of another type"},
	"close-before": {text: "the connection closes and nothing was done", spoil: hangUp},
	"close-after":  {text: "the work is done and the connection closes without an answer", works: true, spoil: hangUp},
	"cut":          {text: "the answer ends in its middle", works: true, spoil: cut},
	"garbage":      {text: "200 and a body that is not XML", spoil: instead("this is not XML <")},
	"blank":        {text: "200 and no body", spoil: instead("")},
	"half":         {text: "of a file that is sent half is kept, and the connection closes", works: true, spoil: hangUp},
	"503":          {text: "503 and an HTML page", spoil: unavailable},
	"empty":        {text: "the answer has nothing in it", spoil: answered("")},
	"other":        {text: "the answer has a value of another type in it", spoil: answered(otherValue)},
	"dtd":          {text: "the answer has a document type with an entity", works: true, spoil: dtd},
	"large":        {text: "the answer is larger than 144 MiB when unpacked", works: true, spoil: large},
	"gzip":         {text: "the answer is damaged within its compression", works: true, spoil: damaged},
}

func kindTexts() map[string]string {
	out := map[string]string{}
	for name, one := range kinds {
		if name != "" {
			out[name] = one.text
		}
	}
	return out
}

func hangUp(w http.ResponseWriter, _ call, _ *recorder) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func cut(w http.ResponseWriter, _ call, answer *recorder) {
	whole := answer.buf.Bytes()
	w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
	answer.buf.Truncate(len(whole) / 2)
	answer.send(w)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func instead(body string) func(http.ResponseWriter, call, *recorder) {
	return func(w http.ResponseWriter, _ call, _ *recorder) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = io.WriteString(w, body)
	}
}

func unavailable(w http.ResponseWriter, _ call, _ *recorder) {
	http.Error(w, "<html><body>503 Service Unavailable</body></html>", http.StatusServiceUnavailable)
}

const (
	answerForm = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		`<%sResponse xmlns="urn:vim25">%s</%[1]sResponse></soapenv:Body></soapenv:Envelope>`
	otherValue = `<returnval xsi:type="HostDnsConfig"><dhcp>true</dhcp><hostName>other</hostName>` +
		`<domainName>other</domainName></returnval>`
)

func answered(value string) func(http.ResponseWriter, call, *recorder) {
	return func(w http.ResponseWriter, c call, _ *recorder) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = fmt.Fprintf(w, answerForm, c.Method, value)
	}
}

func dtd(w http.ResponseWriter, _ call, answer *recorder) {
	const decl = `<!DOCTYPE answer [<!ENTITY laugh "ha"><!ENTITY more "&laugh;&laugh;">]>`
	whole := answer.buf.String()
	answer.buf.Reset()
	answer.buf.WriteString(strings.Replace(whole, "<soapenv:Envelope", decl+"<soapenv:Envelope", 1))
	answer.send(w)
}

// packed is the answer in gzip, with so much white space after it.
func packed(answer *recorder, space int) []byte {
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	_, _ = zip.Write(answer.buf.Bytes())
	for line := bytes.Repeat([]byte(" "), 1<<20); space > 0; space -= len(line) {
		_, _ = zip.Write(line)
	}
	_ = zip.Close()
	return out.Bytes()
}

func zipped(w http.ResponseWriter, answer *recorder, body []byte) {
	w.Header().Set("Content-Encoding", "gzip")
	answer.buf.Reset()
	_, _ = answer.buf.Write(body)
	answer.send(w)
}

func large(w http.ResponseWriter, _ call, answer *recorder) {
	zipped(w, answer, packed(answer, 144<<20))
}

func damaged(w http.ResponseWriter, _ call, answer *recorder) {
	body := packed(answer, 0)
	for i := len(body) / 2; i < len(body)/2+8; i++ {
		body[i] ^= 0x55
	}
	zipped(w, answer, body)
}

// spoil lets the rule meet the properties of this call.
func (w *world) spoil(c call, r *rule) {
	switch {
	case c.Method == "Fetch" && r.Kind == "withheld":
		w.raised, w.method = withheld(ref{Type: "ManagedEntity", Value: c.This}), c.Method
	case waiting[c.Method]:
		w.late.Store(c.This, r) // served beside all other calls
	default:
		w.spoils = r
	}
}

func withheld(of ref) fault {
	return &types.NoPermission{Object: &of, PrivilegeId: "System.Read"}
}

func (r *rule) hits(path string) bool {
	return r.Property == "" || path == r.Property || strings.HasPrefix(path, r.Property+".")
}

// strange is a value that no property has.
var strange = types.HostDnsConfig{Dhcp: true, HostName: "other", DomainName: "other"}

// damage withholds properties, or gives them a value of another type.
func (w *world) damage(objects []types.ObjectContent) {
	for i := range objects {
		one := &objects[i]
		if w.spoils == nil {
			return
		}
		var kept []types.DynamicProperty
		for _, p := range one.PropSet {
			switch {
			case !w.spoils.hits(p.Name):
			case w.spoils.Kind == "mistyped":
				p.Val = strange
			default:
				one.MissingSet = append(one.MissingSet, missing(one.Obj, p.Name))
				continue
			}
			kept = append(kept, p)
		}
		one.PropSet = kept
	}
}

func missing(of ref, path string) types.MissingProperty {
	f := withheld(of)
	return types.MissingProperty{Path: path, Fault: types.LocalizedMethodFault{Fault: f, LocalizedMessage: text(f)}}
}

package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// apiVersion is what the endpoint speaks; older lists what it also accepts.
const apiVersion = "8.0.2.0"

var older = []string{
	"8.0.1.0", "8.0.0.1", "7.0.3.2", "7.0.3.0", "7.0.2.0", "7.0.1.0", "7.0.0.0", "6.7.3", "6.7", "6.5", "6.0", "5.5",
}

// versions is the document that a client negotiates its version by.
func versions() string {
	var prior strings.Builder
	for _, v := range older {
		prior.WriteString("<version>" + v + "</version>")
	}
	return `<?xml version="1.0" encoding="UTF-8"?><namespaces version="1.0"><namespace><name>urn:vim25</name>` +
		"<version>" + apiVersion + "</version><priorVersions>" + prior.String() +
		"</priorVersions></namespace></namespaces>"
}

// serviceInstance is the stock one with the world's clock.
type serviceInstance struct {
	*simulator.ServiceInstance
	w *world
}

// CurrentTime answers with the world's time, not with the time of day.
func (s *serviceInstance) CurrentTime(*types.CurrentTime) soap.HasFault {
	return &methods.CurrentTimeBody{Res: &types.CurrentTimeResponse{Returnval: s.w.clock}}
}

// content is what a client learns about the service.
func (w *world) content() types.ServiceContent {
	return w.m.Get(ref{Type: "ServiceInstance", Value: "ServiceInstance"}).(interface {
		ServiceContent() types.ServiceContent
	}).ServiceContent()
}

// sessions are the live ones.
func (w *world) sessions() []types.UserSession {
	view := &simulator.Session{Registry: simulator.NewRegistry(), Map: w.m}
	manager, ok := view.Get(*w.content().SessionManager).(*simulator.SessionManager)
	if !ok {
		return nil
	}
	return manager.SessionList
}

// expire ends every session, as an idle timeout does.
func (w *world) expire() int {
	ctx := w.background()
	ctx.Session = &simulator.Session{Registry: simulator.NewRegistry(), Map: w.m}
	var keys []string
	for _, s := range w.sessions() {
		keys = append(keys, s.Key)
	}
	w.m.SessionManager().TerminateSession(ctx, &types.TerminateSession{SessionId: keys})
	return len(keys)
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
)

// controlMux is the API by which a test steers the simulator: plain HTTP and
// JSON on a port of its own.
func controlMux(f *front) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			out, err := h(r)
			w.Header().Set("Content-Type", "application/json")
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				out = map[string]string{"error": err.Error()}
			}
			_ = json.NewEncoder(w).Encode(out)
		})
	}
	handle("GET /calls", f.getCalls)
	handle("POST /reset-calls", f.resetCalls)
	handle("GET /faults", f.getFaults)
	handle("POST /faults", f.postFaults)
	handle("POST /reset-faults", f.resetFaults)
	handle("GET /sessions", f.getSessions)
	handle("POST /expire-sessions", f.expireSessions)
	handle("GET /inventory", f.getInventory)
	handle("GET /tasks", f.getTasks)
	handle("POST /question", f.postQuestion)
	handle("POST /guest", f.postGuest)
	handle("POST /advance", f.postAdvance)
	handle("POST /rush", f.postRush)
	handle("POST /datastore", f.postDatastore)
	handle("POST /restore", f.restore)
	return mux
}

func (f *front) getCalls(*http.Request) (any, error) {
	f.log.Lock()
	defer f.log.Unlock()
	names, counts := []string{}, map[string]int{}
	for _, c := range f.calls {
		names = append(names, c.Method)
		counts[c.Method]++
	}
	return map[string]any{"calls": names, "counts": counts, "log": append([]call{}, f.calls...)}, nil
}

func (f *front) resetCalls(*http.Request) (any, error) {
	f.log.Lock()
	defer f.log.Unlock()
	f.calls = nil
	return done, nil
}

func (f *front) getFaults(*http.Request) (any, error) {
	return map[string]any{"pending": f.rules.pending(), "kinds": kindTexts()}, nil
}

func (f *front) postFaults(r *http.Request) (any, error) {
	var one rule
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&one); err != nil {
		return nil, err
	}
	if err := one.check(); err != nil {
		return nil, err
	}
	f.rules.add(&one)
	return done, nil
}

func (f *front) resetFaults(*http.Request) (any, error) {
	f.rules.clear()
	return done, nil
}

func (f *front) getSessions(*http.Request) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []map[string]any{}
	for _, s := range f.w.sessions() {
		list = append(list, map[string]any{"key": s.Key, "user": s.UserName, "calls": s.CallCount, "agent": s.UserAgent})
	}
	sort.Slice(list, func(i, j int) bool { return list[i]["key"].(string) < list[j]["key"].(string) })
	return list, nil
}

func (f *front) expireSessions(*http.Request) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return map[string]int{"expired": f.w.expire()}, nil
}

func (f *front) getInventory(*http.Request) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.w.inventory()
}

// getTasks lists every task since the beginning, the recent ones last.
func (f *front) getTasks(*http.Request) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []map[string]any{}
	for _, t := range f.w.tasks {
		list = append(list, map[string]any{"key": t.Info.Key, "name": t.Info.Name, "on": t.on.Reference().Value, "state": t.Info.State})
	}
	return list, nil
}

func (f *front) restore(*http.Request) (any, error) {
	f.reset()
	return f.resetCalls(nil)
}

// question is what a machine is to ask.
type question struct {
	VM      string   `json:"vm"` // name or moid
	Text    string   `json:"text"`
	Choices []string `json:"choices"`
	Default int32    `json:"default"`
	Now     bool     `json:"now"` // ask at once, not when the next task starts
}

func (f *front) postQuestion(r *http.Request) (any, error) {
	var q question
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	vm := f.w.find(q.VM)
	if vm == nil {
		return nil, fmt.Errorf("no machine %q", q.VM)
	}
	vm.pending = q.info(vm)
	if q.Now {
		vm.ask(f.w.background())
	}
	return map[string]string{"id": vm.pending.Id}, nil
}

var done = map[string]bool{"ok": true}

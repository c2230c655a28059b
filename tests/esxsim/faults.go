package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// rule is one fault to inject: after Skip calls of Method, Times calls of it
// go wrong in the way that Kind names. Method * is any SOAP call, and /folder
// any transfer of a datastore's file.
type rule struct {
	Method   string          `json:"method"`
	On       string          `json:"on,omitempty"` // moid of the target, any when empty
	Kind     string          `json:"kind"`
	Times    int             `json:"times"`
	Skip     int             `json:"skip"`
	Fault    string          `json:"fault,omitempty"`
	Fields   json.RawMessage `json:"fields,omitempty"`
	Message  string          `json:"message,omitempty"`
	Seconds  float64         `json:"seconds,omitempty"`
	Execute  bool            `json:"execute,omitempty"`  // the work is done, whatever the answer says
	Property string          `json:"property,omitempty"` // what is withheld or mistyped, everything when empty

	fault types.BaseMethodFault
}

func (r *rule) check() error {
	if _, ok := kindTexts()[r.Kind]; !ok {
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	if r.Method == "" {
		return fmt.Errorf("a fault needs a method")
	}
	if r.Method == transfers && !ofTransfers[r.Kind] || r.Method != transfers && r.Kind == "half" {
		return fmt.Errorf("%q is no fault of %s", r.Kind, r.Method)
	}
	if r.Times == 0 {
		r.Times = 1
	}
	if r.Kind != "fault" && r.Kind != "task" {
		return nil
	}
	var err error
	r.fault, err = namedFault(r.Fault, r.Fields)
	return err
}

// namedFault builds the fault that vSphere calls name.
func namedFault(name string, fields json.RawMessage) (types.BaseMethodFault, error) {
	kind, ok := types.TypeFunc()(name)
	if !ok {
		return nil, fmt.Errorf("unknown fault %q", name)
	}
	fault, ok := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !ok {
		return nil, fmt.Errorf("%q is not a fault", name)
	}
	if len(fields) != 0 {
		if err := json.Unmarshal(fields, fault); err != nil {
			return nil, err
		}
	}
	fill(reflect.ValueOf(fault).Elem())
	return fault, nil
}

// fill gives the fields that a client cannot do without some value, where the
// test gave none: references, words of an enumeration, faults within faults.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		f, tag := v.Field(i), v.Type().Field(i).Tag.Get("xml")
		switch {
		case f.Type() == reflect.TypeFor[ref]():
			if f.IsZero() {
				f.Set(reflect.ValueOf(ref{Type: v.Type().Field(i).Name, Value: "unknown"}))
			}
		case f.Type() == reflect.TypeFor[types.LocalizedMethodFault]():
			if f.FieldByName("Fault").IsNil() {
				f.FieldByName("Fault").Set(reflect.ValueOf(&types.NotSupported{}))
			}
		case f.Kind() == reflect.Struct && v.Type().Field(i).Anonymous:
			fill(f)
		case f.Kind() == reflect.String && f.IsZero() && !strings.Contains(tag, "omitempty"):
			if values := f.MethodByName("Values"); values.IsValid() {
				f.Set(values.Call(nil)[0].Index(0))
			}
		}
	}
}

// rules are the faults still to come, in the order they were asked for.
type rules struct {
	mu   sync.Mutex
	list []*rule
}

func (rs *rules) add(r *rule) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.list = append(rs.list, r)
}

func (rs *rules) clear() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.list = nil
}

// take returns the rule that this call meets, and counts it.
func (rs *rules) take(method, moid string) *rule {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for i, r := range rs.list {
		isAny := r.Method == "*" && method != transfers
		if r.Method != method && !isAny || r.On != "" && r.On != moid {
			continue
		}
		if r.Skip > 0 {
			r.Skip--
			continue
		}
		if r.Times--; r.Times <= 0 {
			rs.list = append(rs.list[:i], rs.list[i+1:]...)
		}
		return r
	}
	return nil
}

func (rs *rules) pending() []*rule {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return append([]*rule{}, rs.list...)
}

func (r *rule) is(kind string) bool { return r != nil && r.Kind == kind }

func (r *rule) wait() time.Duration { return time.Duration(r.Seconds * float64(time.Second)) }

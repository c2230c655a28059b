package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// front stands between the network and the world. It serves one call at a
// time (all but those that wait for updates), keeps the list of calls, and
// makes go wrong what a test wants to go wrong.
type front struct {
	opt      options
	mu       sync.Mutex
	w        *world
	restores int
	rules    rules

	log   sync.Mutex
	calls []call
}

// call is one SOAP call in the list of calls.
type call struct {
	Method string `json:"method"`
	This   string `json:"this"`
}

func newFront(opt options) *front {
	f := &front{opt: opt}
	f.w = newWorld(opt, &f.mu, 0)
	return f
}

// reset puts a new world in the place of the old.
func (f *front) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.w.close()
	f.restores++
	f.w = newWorld(f.opt, &f.mu, f.restores)
	f.rules.clear()
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/sdk/vimServiceVersions.xml":
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, versions())
	case strings.HasPrefix(r.URL.Path, "/folder/"):
		f.transfer(w, r)
	case r.URL.Path == "/screen":
		f.screen(w, r)
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/sdk"):
		f.soap(w, r)
	default:
		http.NotFound(w, r)
	}
}

// waiting are the calls that may last, and so are served beside the others.
var waiting = map[string]bool{"WaitForUpdatesEx": true, "WaitForUpdates": true}

func (f *front) soap(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c := whatIs(body)
	f.record(c)
	time.Sleep(f.opt.delay)
	rule := f.rules.take(c.Method, c.This)
	if rule == nil {
		rule = &noRule
	}
	way := kinds[rule.Kind]
	if rule.Kind == "hang" && !rule.Execute && f.outlives(rule.wait()) {
		hangUp(w, c, nil) // it was asked of a world that is no more
		return
	}
	answer := &recorder{header: http.Header{}}
	if way.spoil == nil || way.works || rule.Execute {
		answer = f.answer(c, rule, r, body)
	}
	if rule.Kind == "hang" && rule.Execute {
		time.Sleep(rule.wait())
	}
	if f.opt.typedArrays {
		answer.buf = *bytes.NewBuffer(typedArrays(answer.buf.Bytes()))
	}
	if way.spoil == nil {
		answer.send(w)
		return
	}
	way.spoil(w, c, answer)
}

var noRule rule

// outlives waits, and says whether the wait was longer than the world.
func (f *front) outlives(wait time.Duration) bool {
	world := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.restores
	}
	before := world()
	time.Sleep(wait)
	return world() != before
}

// answer lets the world answer, and words the faults that it left unworded.
func (f *front) answer(c call, rule *rule, r *http.Request, body []byte) *recorder {
	req := r.Clone(r.Context())
	req.URL.Path = "/sdk"
	req.Body = io.NopCloser(bytes.NewReader(body))
	rec := &recorder{header: http.Header{}}
	f.mu.Lock()
	w := f.w
	unlock := sync.OnceFunc(f.mu.Unlock)
	defer unlock()
	message := ""
	switch rule.Kind {
	case "expire":
		w.expire()
	case "fault":
		w.raised, w.method = rule.fault, c.Method
		if message = rule.Message; message == "" {
			message = text(rule.fault)
		}
	case "task", "slow":
		w.armed = rule
	case "withheld", "mistyped":
		w.spoil(c, rule)
	}
	if w.sent = nil; c.Method == "ReconfigVM_Task" {
		w.sent = outline(body)
	}
	if waiting[c.Method] {
		unlock()
	}
	defer func() {
		if problem := recover(); problem != nil {
			log.Printf("%s: %v\n%s", c.Method, problem, debug.Stack())
			rec.code = http.StatusInternalServerError
		}
		if !waiting[c.Method] {
			w.armed, w.raised, w.spoils = nil, nil, nil
		}
		rec.word(message)
	}()
	w.svc.ServeSDK(rec, req)
	if c.Method == "Fetch" && bytes.Contains(rec.buf.Bytes(), []byte("<RetrievePropertiesExResponse")) {
		rec.buf.Reset() // the stock way to say that a property is unset, which no client understands
		_, _ = fmt.Fprintf(&rec.buf, answerForm, c.Method, "")
	}
	return rec
}

func (f *front) record(c call) {
	f.log.Lock()
	defer f.log.Unlock()
	f.calls = append(f.calls, c)
}

// whatIs reads the method and its object from an envelope.
func whatIs(body []byte) call {
	var c call
	dec := xml.NewDecoder(bytes.NewReader(body))
	for inBody := false; ; {
		tok, err := dec.Token()
		if err != nil {
			return c
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "Body":
			inBody = true
		case inBody && c.Method == "":
			c.Method = start.Name.Local
		case start.Name.Local == "_this" && c.Method != "":
			_ = dec.DecodeElement(&c.This, &start)
			return c
		}
	}
}

// recorder keeps an answer until it is known what becomes of it.
type recorder struct {
	header http.Header
	code   int
	buf    bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(p []byte) (int, error) { return r.buf.Write(p) }

func (r *recorder) send(w http.ResponseWriter) {
	r.header.Set("Content-Type", "text/xml; charset=utf-8")
	r.pass(w)
}

// pass sends the answer as it is.
func (r *recorder) pass(w http.ResponseWriter) {
	for key, values := range r.header {
		w.Header()[key] = values
	}
	if r.code != 0 {
		w.WriteHeader(r.code)
	}
	_, _ = w.Write(r.buf.Bytes())
}

var faultType = regexp.MustCompile(`xsi:type="([A-Za-z]+)"`)

// word fills in the text of a fault that has none.
func (r *recorder) word(message string) {
	const none = "<faultstring></faultstring>"
	if r.code != http.StatusInternalServerError || !bytes.Contains(r.buf.Bytes(), []byte(none)) {
		return
	}
	if found := faultType.FindSubmatch(r.buf.Bytes()); message == "" && found != nil {
		if message = texts[string(found[1])]; message == "" {
			message = "The operation failed: " + string(found[1])
		}
	}
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(message))
	out := strings.Replace(r.buf.String(), none, "<faultstring>"+escaped.String()+"</faultstring>", 1)
	r.buf.Reset()
	r.buf.WriteString(out)
}

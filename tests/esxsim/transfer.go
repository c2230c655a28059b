package main

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// transfers is the method of a rule that any transfer of a file meets.
const transfers = "/folder"

// ofTransfers are the kinds of faults that a transfer can meet.
var ofTransfers = map[string]bool{
	"hang": true, "expire": true, "close-before": true, "close-after": true, "cut": true, "half": true,
	"garbage": true, "blank": true, "503": true,
}

// transfer serves a datastore's file, or makes that go wrong.
func (f *front) transfer(w http.ResponseWriter, r *http.Request) {
	rule := f.rules.take(transfers, "")
	if rule == nil {
		f.file(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away, and nothing was written
	}
	switch rule.Kind {
	case "hang":
		time.Sleep(rule.wait())
	case "expire":
		_, _ = f.expireSessions(r)
	case "half":
		body = body[:len(body)/2]
	}
	way, answer := kinds[rule.Kind], &recorder{header: http.Header{}}
	if way.spoil == nil || way.works || rule.Execute {
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.file(answer, r)
	}
	if way.spoil == nil {
		answer.pass(w)
		return
	}
	way.spoil(w, call{Method: r.Method}, answer)
}

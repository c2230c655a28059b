package main

import (
	"bytes"
	"encoding/xml"
)

// node is an element of a request. The decoded request cannot tell a field
// that is set to nothing (no annotation, no boot delay) from one that is left
// out; the elements can.
type node struct {
	name string
	kids []*node
}

// outline reads the elements of a request, without their text.
func outline(body []byte) *node {
	root := &node{}
	path := []*node{root}
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return root
		}
		switch t := tok.(type) {
		case xml.StartElement:
			one := &node{name: t.Name.Local}
			top := path[len(path)-1]
			top.kids = append(top.kids, one)
			path = append(path, one)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// down follows names; nil when one of them is not there.
func (n *node) down(names ...string) *node {
	for _, name := range names {
		if n = n.nth(name, 0); n == nil {
			return nil
		}
	}
	return n
}

// nth is the i-th child with a name.
func (n *node) nth(name string, i int) *node {
	if n == nil {
		return nil
	}
	for _, kid := range n.kids {
		if kid.name == name {
			if i == 0 {
				return kid
			}
			i--
		}
	}
	return nil
}

package main

import (
	"fmt"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// collector is the stock property collector with pages of a fixed size, as a
// vCenter under load has them, and tokens that are the same every time. What it
// watches and tells of changes is its own.
type collector struct {
	simulator.PropertyCollector
	pages  map[string][]types.ObjectContent
	tokens int
	size   int

	waits   waits
	mu      sync.Mutex // of what others than the waiting call write
	touched touches
	once    sync.Once
	signal  chan bool
}

// CreatePropertyCollector makes another one for the session.
func (c *collector) CreatePropertyCollector(ctx *simulator.Context, _ *types.CreatePropertyCollector) soap.HasFault {
	made := &collector{}
	made.Self.Type = "PropertyCollector"
	return &methods.CreatePropertyCollectorBody{
		Res: &types.CreatePropertyCollectorResponse{Returnval: ctx.Session.Put(made).Reference()},
	}
}

// RetrievePropertiesEx answers with the first page.
func (c *collector) RetrievePropertiesEx(ctx *simulator.Context, r *types.RetrievePropertiesEx) soap.HasFault {
	c.size = int(r.Options.MaxObjects)
	if page := worldOf(ctx).opt.page; page != 0 && (c.size == 0 || page < c.size) {
		c.size = page
	}
	whole := *r
	whole.Options.MaxObjects = 0
	whole.SpecSet = append([]types.PropertyFilterSpec(nil), r.SpecSet...)
	for i := range whole.SpecSet {
		whole.SpecSet[i].ObjectSet = walked(ctx, whole.SpecSet[i].ObjectSet)
	}
	res := c.PropertyCollector.RetrievePropertiesEx(ctx, &whole)
	if body, ok := res.(*methods.RetrievePropertiesExBody); ok && body.Res != nil {
		result := body.Res.Returnval
		worldOf(ctx).damage(result.Objects)
		if len(result.Objects) == 0 {
			body.Res.Returnval = nil
			return body
		}
		result.Objects, result.Token = c.page(result.Objects, c.size)
	}
	return res
}

// ContinueRetrievePropertiesEx answers with the next page.
func (c *collector) ContinueRetrievePropertiesEx(ctx *simulator.Context, r *types.ContinueRetrievePropertiesEx) soap.HasFault {
	body := new(methods.ContinueRetrievePropertiesExBody)
	rest, ok := c.pages[r.Token]
	if !ok {
		body.Fault_ = raise(&types.InvalidProperty{Name: "token"})
		return body
	}
	delete(c.pages, r.Token)
	body.Res = new(types.ContinueRetrievePropertiesExResponse)
	body.Res.Returnval.Objects, body.Res.Returnval.Token = c.page(rest, c.size)
	worldOf(ctx).damage(body.Res.Returnval.Objects)
	return body
}

// CancelRetrievePropertiesEx forgets the pages that are left.
func (c *collector) CancelRetrievePropertiesEx(_ *simulator.Context, r *types.CancelRetrievePropertiesEx) soap.HasFault {
	delete(c.pages, r.Token)
	return &methods.CancelRetrievePropertiesExBody{Res: new(types.CancelRetrievePropertiesExResponse)}
}

// page cuts off one page and keeps the rest under a token.
func (c *collector) page(all []types.ObjectContent, size int) ([]types.ObjectContent, string) {
	if size <= 0 || len(all) <= size {
		return all, ""
	}
	if c.pages == nil {
		c.pages = map[string][]types.ObjectContent{}
	}
	c.tokens++
	token := fmt.Sprint(c.tokens)
	c.pages[token] = all[size:]
	return all[:size], token
}

package main

import (
	"regexp"
	"strings"
)

// escaped matches a sequence that vSphere takes for an escape already.
var escaped = regexp.MustCompile(`(?i)%(2f|5c|25)|[/\\%]`)

// inventoryName is a name as vSphere holds it: slash, backslash and percent are escaped, escape sequences stay.
// Source: vSphere API, ManagedEntity.name.
func inventoryName(name string) string {
	return escaped.ReplaceAllStringFunc(name, func(match string) string {
		if sequence, ok := map[string]string{"/": "%2f", `\`: "%5c", "%": "%25"}[match]; ok {
			return sequence
		}
		return strings.ToLower(match)
	})
}

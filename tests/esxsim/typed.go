package main

import "regexp"

var (
	arrayOf = regexp.MustCompile(`:type="ArrayOf([A-Z]\w*)"`)
	element = regexp.MustCompile(`<([A-Z]\w*)( [^>]*)?>`)
	typed   = regexp.MustCompile(`(xsi|XMLSchema-instance):type=`)
)

// typedArrays names the type of each element of an array, as ESX does and
// govmomi does not: libvirt's own driver for ESX cannot do without.
func typedArrays(answer []byte) []byte {
	arrays := map[string]bool{}
	for _, found := range arrayOf.FindAllSubmatch(answer, -1) {
		arrays[string(found[1])] = true
	}
	if len(arrays) == 0 {
		return answer
	}
	return element.ReplaceAllFunc(answer, func(tag []byte) []byte {
		parts := element.FindSubmatch(tag)
		if !arrays[string(parts[1])] || typed.Match(parts[2]) {
			return tag
		}
		named := `<` + string(parts[1]) + ` xsi:type="` + string(parts[1]) + `"` + string(parts[2]) + `>`
		return []byte(named)
	})
}

package main

import (
	"reflect"
	"strings"
)

// clone copies a value with everything that hangs on it.
func clone[T any](v T) T {
	var out T
	src := reflect.ValueOf(&v).Elem()
	reflect.ValueOf(&out).Elem().Set(copied(src))
	return out
}

func copied(src reflect.Value) reflect.Value {
	switch src.Kind() {
	case reflect.Pointer:
		if src.IsNil() {
			return src
		}
		dst := reflect.New(src.Type().Elem())
		dst.Elem().Set(copied(src.Elem()))
		return dst
	case reflect.Interface:
		if src.IsNil() {
			return src
		}
		dst := reflect.New(src.Type()).Elem()
		dst.Set(copied(src.Elem()))
		return dst
	case reflect.Slice:
		if src.IsNil() {
			return src
		}
		dst := reflect.MakeSlice(src.Type(), src.Len(), src.Len())
		for i := range src.Len() {
			dst.Index(i).Set(copied(src.Index(i)))
		}
		return dst
	case reflect.Struct:
		dst := reflect.New(src.Type()).Elem()
		dst.Set(src)
		for i := range src.NumField() {
			if src.Type().Field(i).IsExported() {
				dst.Field(i).Set(copied(src.Field(i)))
			}
		}
		return dst
	default:
		return src
	}
}

// merge lays an edit over what is there: a field that the edit leaves out
// keeps its value. Plain booleans and bus numbers are required fields of the
// API, so they always come from the edit; an empty word or a zero does when
// its element was there.
func merge(dst, src reflect.Value, sent *node) {
	for i := range src.NumField() {
		field := src.Type().Field(i)
		from, to := src.Field(i), dst.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("xml"), ",")
		switch {
		case !field.IsExported():
		case field.Anonymous && from.Kind() == reflect.Struct:
			merge(to, from, sent)
		case field.Name == "BusNumber" || from.Kind() == reflect.Bool:
			to.Set(from)
		case from.IsZero():
			if basic(from) && sent.down(name) != nil {
				to.Set(from)
			}
		case sameStruct(to, from):
			merge(to.Elem().Elem(), from.Elem().Elem(), sent.down(name))
		default:
			to.Set(copied(from))
		}
	}
}

func basic(v reflect.Value) bool {
	return v.Kind() == reflect.String || v.CanInt()
}

// sameStruct says whether two interface fields hold pointers to the same
// struct type, as an unchanged kind of backing does.
func sameStruct(to, from reflect.Value) bool {
	return from.Kind() == reflect.Interface && !to.IsNil() && to.Elem().Type() == from.Elem().Type() &&
		from.Elem().Kind() == reflect.Pointer
}

// overlay merges the fields that src sets into a copy of dst.
func overlay[T any](dst, src *T, sent *node) *T {
	if src == nil {
		return dst
	}
	out := new(T)
	if dst != nil {
		*out = clone(*dst)
	}
	merge(reflect.ValueOf(out).Elem(), reflect.ValueOf(src).Elem(), sent)
	return out
}

func ptr[T any](v T) *T { return &v }

func truth(v *bool) bool { return v != nil && *v }

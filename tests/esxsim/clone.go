package main

import "reflect"

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
// API, so they always come from the edit.
func merge(dst, src reflect.Value) {
	for i := range src.NumField() {
		field := src.Type().Field(i)
		from, to := src.Field(i), dst.Field(i)
		switch {
		case !field.IsExported():
		case field.Anonymous && from.Kind() == reflect.Struct:
			merge(to, from)
		case field.Name == "BusNumber" || from.Kind() == reflect.Bool:
			to.Set(from)
		case from.IsZero():
		case sameStruct(to, from):
			merge(to.Elem().Elem(), from.Elem().Elem())
		default:
			to.Set(copied(from))
		}
	}
}

// sameStruct says whether two interface fields hold pointers to the same
// struct type, as an unchanged kind of backing does.
func sameStruct(to, from reflect.Value) bool {
	return from.Kind() == reflect.Interface && !to.IsNil() && to.Elem().Type() == from.Elem().Type() &&
		from.Elem().Kind() == reflect.Pointer
}

// overlay merges the fields that src sets into a copy of dst.
func overlay[T any](dst, src *T) *T {
	if src == nil {
		return dst
	}
	out := new(T)
	if dst != nil {
		*out = clone(*dst)
	}
	merge(reflect.ValueOf(out).Elem(), reflect.ValueOf(src).Elem())
	return out
}

func ptr[T any](v T) *T { return &v }

func truth(v *bool) bool { return v != nil && *v }

package main

import (
	"cmp"
	"debug/dwarf"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An abi is what a compiler made of the header.
type abi struct {
	constants map[string]int64
	records   []record
}

// A record is a struct or a union.
type record struct {
	kind, name string
	typ        *dwarf.StructType
}

// readABI reads the debugging information of the program that includes the header at
// path.
func readABI(d *dwarf.Data, path string) (*abi, error) {
	a := &abi{constants: map[string]int64{}}
	var files []*dwarf.LineFile
	inHeader := func(e *dwarf.Entry) bool {
		i, ok := e.Val(dwarf.AttrDeclFile).(int64)
		return ok && int(i) < len(files) && files[i] != nil && files[i].Name == path
	}
	for r := d.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		switch e.Tag {
		case dwarf.TagCompileUnit:
			lines, err := d.LineReader(e)
			if err != nil {
				return nil, err
			}
			files = lines.Files()
			continue
		case dwarf.TagEnumerationType, dwarf.TagStructType, dwarf.TagUnionType, dwarf.TagTypedef:
			t, err := d.Type(e.Offset)
			if err != nil {
				return nil, err
			}
			a.add(t, inHeader(e))
		}
		r.SkipChildren()
	}
	if len(a.records) == 0 {
		return nil, errors.New("no structs in the debugging information")
	}
	return a, nil
}

// add adds a type of the header's or the program's.
func (a *abi) add(t dwarf.Type, inHeader bool) {
	switch t := t.(type) {
	case *dwarf.EnumType:
		for _, v := range t.Val {
			if name, ok := strings.CutPrefix(v.Name, prefix); ok {
				a.constants[name] = v.Val
			} else if inHeader && wanted.MatchString(v.Name) {
				a.constants[v.Name] = v.Val
			}
		}
	case *dwarf.StructType:
		if inHeader && t.StructName != "" {
			a.addRecord(t.StructName, t)
		}
	case *dwarf.TypedefType:
		if s, ok := t.Type.(*dwarf.StructType); ok && inHeader && s.StructName == "" {
			a.addRecord(t.Name, s)
		}
	}
}

// addRecord adds a struct or union, and those without a name that are its fields.
func (a *abi) addRecord(name string, t *dwarf.StructType) {
	a.records = append(a.records, record{t.Kind, name, t})
	for _, f := range t.Field {
		if s, ok := f.Type.(*dwarf.StructType); ok && s.StructName == "" {
			a.addRecord(name+"."+f.Name, s)
		}
	}
}

// text returns a line for each constant, record and field, in the header's order.
func (a *abi) text(h *header) string {
	var b strings.Builder
	names := slices.SortedFunc(maps.Keys(a.constants), func(x, y string) int {
		return cmp.Or(cmp.Compare(h.position(x), h.position(y)), cmp.Compare(x, y))
	})
	for _, name := range names {
		fmt.Fprintf(&b, "const %s %d\n", name, a.constants[name])
	}
	for _, r := range a.records {
		fmt.Fprintf(&b, "%s %s %d\n", r.kind, r.name, r.typ.ByteSize)
		for _, f := range r.typ.Field {
			// The size of an array without a length is unknown: 0.
			fmt.Fprintf(&b, "field %s %s %d %d\n", r.name, f.Name, f.ByteOffset, max(0, f.Type.Size()))
		}
	}
	return b.String()
}

package layering

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// contracts names the interfaces whose constructors must be offered to users,
// by the package that declares them.
var contracts = map[string][]string{
	"generators": {"Process", "Keys", "Law"},
	"limiters":   {"Limiter"},
	"pipelines":  {"Policy"},
	"targets":    {"Target"},
}

// implementers are the packages whose constructors are looked through.
var implementers = []string{"generators", "limiters", "limiters/redislua", "limiters/thirdparty", "limiters/specimens", "limiters/external", "pipelines", "targets"}

const builtin = "internal/builtin"

// TestNothingForgotten finds the constructor that no kind in internal/builtin uses.
func TestNothingForgotten(t *testing.T) {
	for _, name := range forgotten(parseModule(t, root)) {
		t.Errorf("%s makes something that users can name, but %s does not mention it; add its line there", name, builtin)
	}
}

// forgotten lists the constructors of contract types that builtin does not mention.
func forgotten(sources []source) []string {
	mentioned := make(map[string]bool)
	for _, s := range sources {
		if s.pkg == builtin {
			maps.Copy(mentioned, mentions(s))
		}
	}
	var names []string
	methods := methodSets(sources)
	for _, s := range sources {
		if !slices.Contains(implementers, s.pkg) {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if ok && constructs(s, f, methods) && !mentioned[s.pkg+"."+f.Name.Name] {
				names = append(names, s.pkg+"."+f.Name.Name)
			}
		}
	}
	return names
}

// mentions lists the selectors of other packages of the module, as "pkg.Name".
func mentions(s source) map[string]bool {
	found := make(map[string]bool)
	ast.Inspect(s.file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok {
				if pkg, ours := strings.CutPrefix(s.importOf(x.Name), module+"/"); ours {
					found[pkg+"."+selector.Sel.Name] = true
				}
			}
		}
		return true
	})
	return found
}

// constructs reports whether f is an exported New… that returns a contract and
// is not given one: what wraps another is not a kind of its own.
func constructs(s source, f *ast.FuncDecl, methods map[string][]string) bool {
	if f.Recv != nil || !strings.HasPrefix(f.Name.Name, "New") || f.Type.Results == nil {
		return false
	}
	isContract := func(field *ast.Field) bool { return fulfils(s, field.Type, methods) }
	return slices.ContainsFunc(f.Type.Results.List, isContract) &&
		!slices.ContainsFunc(f.Type.Params.List, isContract)
}

// fulfils reports whether a type is a contract, or has all methods of one by name.
func fulfils(s source, expr ast.Expr, methods map[string][]string) bool {
	has := methods[typeKey(s, expr)]
	for pkg, names := range contracts {
		for _, name := range names {
			wants := methods[pkg+"."+name]
			missing := slices.ContainsFunc(wants, func(m string) bool { return !slices.Contains(has, m) })
			if len(wants) > 0 && !missing {
				return true
			}
		}
	}
	return false
}

// methodSets lists the methods of every type of the module, by "pkg.Type", with
// those that it has of what it embeds.
func methodSets(sources []source) map[string][]string {
	sets, embedded := make(map[string][]string), make(map[string][]string)
	for _, s := range sources {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil {
				key := typeKey(s, f.Recv.List[0].Type)
				sets[key] = append(sets[key], f.Name.Name)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				key := s.pkg + "." + spec.Name.Name
				switch t := spec.Type.(type) {
				case *ast.InterfaceType:
					sets[key] = append(sets[key], interfaceMethods(t)...)
				case *ast.StructType:
					embedded[key] = embeddedTypes(s, t)
				}
			}
			return true
		})
	}
	promote(sets, embedded)
	return sets
}

// promote gives each type the methods of what it embeds, until nothing is new.
func promote(sets, embedded map[string][]string) {
	for grown := true; grown; {
		grown = false
		for key, types := range embedded {
			for _, t := range types {
				for _, method := range sets[t] {
					if !slices.Contains(sets[key], method) {
						sets[key], grown = append(sets[key], method), true
					}
				}
			}
		}
	}
}

func embeddedTypes(s source, t *ast.StructType) (types []string) {
	for _, field := range t.Fields.List {
		if len(field.Names) == 0 {
			types = append(types, typeKey(s, field.Type))
		}
	}
	return types
}

func interfaceMethods(i *ast.InterfaceType) []string {
	var names []string
	for _, field := range i.Methods.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// typeKey names the type of an expression as "pkg.Type"; pointers count
// as what they point to, and generic types as one.
func typeKey(s source, expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return typeKey(s, e.X)
	case *ast.IndexExpr:
		return typeKey(s, e.X)
	case *ast.Ident:
		return s.pkg + "." + e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return strings.TrimPrefix(s.importOf(x.Name), module+"/") + "." + e.Sel.Name
		}
	}
	return ""
}

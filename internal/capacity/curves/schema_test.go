package curves

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// publishedSchema compiles the schema and returns its text too.
func publishedSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := os.Open("../../../docs/curve.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = text.Close() }()
	doc, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)
}

func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// TestCurvesFollowTheSchema, whatever they lack.
func TestCurvesFollowTheSchema(t *testing.T) {
	s, _ := publishedSchema(t)
	all := cases()
	all["recorded"], all["classified"] = recorded(t), classified()
	for name, c := range all {
		if err := validate(t, s, written(t, "json", c, Options{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaRefusesWounds: it says more than that there is an object.
func TestSchemaRefusesWounds(t *testing.T) {
	s, _ := publishedSchema(t)
	whole := written(t, "json", recorded(t), Options{})
	for _, wound := range [][2]string{
		{`"schema": "fcbench.curve/v1"`, `"schema": "fcbench.curve/v9"`},
		{`"over": "rate"`, `"over": ""`},
		{`"over": "rate"`, `"under": "rate"`},
		{`"confidence": 0.95`, `"confidence": 95`},
		{`"bound": 20000000`, `"bound": "20ms"`},
		{`"budget": 0.01`, `"budget": 1.01`},
		{`"trial": 1,`, `"trial": 0,`},
		{`"phase": "floor"`, `"phase": "walk"`},
		{`"kept": true`, `"kept": 1`},
		{`"of": 92`, `"of": -92`},
		{`"share": 0,`, `"share": 1.5,`},
		{`"p99_ns": 5152174`, `"p99_ms": 5`},
		{`"goodput_per_s": 46`, `"goodput_per_s": "46"`},
		{`"shape": "smooth"`, `"shape": "flat"`},
		{`"verdict": "CAPACITY"`, `"verdict": "FINE"`},
		{`"strategy": "guarded"`, `"strategy": "bold"`},
		{`"trials_made": 38`, `"trials_made": 38.5`},
	} {
		damaged := strings.Replace(whole, wound[0], wound[1], 1)
		if damaged == whole {
			t.Errorf("the curve has no %s", wound[0])
		} else if validate(t, s, damaged) == nil {
			t.Errorf("the schema takes %s for %s", wound[1], wound[0])
		}
	}
}

// TestSchemaHasEveryField of a curve, those that are always there as required, and no other.
func TestSchemaHasEveryField(t *testing.T) {
	_, doc := publishedSchema(t)
	(&schemaWalk{t, doc["$defs"].(map[string]any)}).check("curve", reflect.TypeFor[Curve](), doc)
}

// schemaWalk goes through a type and its schema side by side.
type schemaWalk struct {
	t    *testing.T
	defs map[string]any
}

func (w *schemaWalk) check(path string, typ reflect.Type, schema map[string]any) {
	for _, one := range asList(schema["oneOf"]) { // null, or what it is
		if ref := one.(map[string]any); ref["$ref"] != nil {
			schema = ref
		}
	}
	if ref, ok := schema["$ref"].(string); ok {
		schema = w.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch typ.Kind() {
	case reflect.Pointer:
		w.check(path, typ.Elem(), schema)
	case reflect.Slice:
		items, _ := schema["items"].(map[string]any)
		w.check(path+"[]", typ.Elem(), items)
	case reflect.Struct:
		w.fields(path, typ, schema)
	}
}

func (w *schemaWalk) fields(path string, typ reflect.Type, schema map[string]any) {
	if schema["additionalProperties"] != false {
		w.t.Errorf("%s takes any property", path)
	}
	properties, _ := schema["properties"].(map[string]any)
	names, always := []string{}, []string{}
	for _, f := range flat(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if names = append(names, name); options == "" {
			always = append(always, name)
		}
		if property, ok := properties[name].(map[string]any); ok {
			w.check(path+"."+name, f.Type, property)
		}
	}
	required := []string{}
	for _, name := range asList(schema["required"]) {
		required = append(required, name.(string))
	}
	w.equal(path+": properties", slices.Sorted(maps.Keys(properties)), names)
	w.equal(path+": required", required, always)
}

// flat are the fields of a struct, with those of embedded ones in their place.
func flat(typ reflect.Type) (all []reflect.StructField) {
	for i := range typ.NumField() {
		if f := typ.Field(i); f.Anonymous {
			all = append(all, flat(f.Type)...)
		} else {
			all = append(all, f)
		}
	}
	return all
}

func asList(v any) []any {
	all, _ := v.([]any)
	return all
}

func (w *schemaWalk) equal(what string, got, want []string) {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s of the schema are %v; want those of the type, %v", what, got, want)
	}
}

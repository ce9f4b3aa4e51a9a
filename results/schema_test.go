package results

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../docs/result.schema.json"

// publishedSchema compiles the schema and returns its text too.
func publishedSchema(t testing.TB) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	doc, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)
}

func validate(s *jsonschema.Schema, line string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestRunsFollowTheSchema(t *testing.T) {
	s, _ := publishedSchema(t)
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	empty := &Run{Repeat: 1, Order: 1, Time: "virtual", StartedAt: started, Faults: []Fault{{Kind: "kill"}}}
	one := fill(t, Options{}, time.Second, []Sample{{Outcome: Failed, Cause: "EOF"}})
	one.Repeat, one.Order, one.Time, one.Validity = 1, 1, "real", Assess(one, Evidence{})
	unknown := fullRun(t)
	unknown.Keys = &KeyShares{Untracked: 5000}
	limitless := fullRun(t)
	limitless.Accuracy.Compared, limitless.Accuracy.WorstWindow, limitless.Accuracy.MostPerPeriod = nil, nil, nil
	costless := fullRun(t)
	costless.Cost = Cost{}
	for name, run := range map[string]*Run{"full": fullRun(t), "empty": empty, "one arrival": one, "untracked keys": unknown, "no limit": limitless, "made beside others": costless} {
		if err := validate(s, written(t, run)); err != nil {
			t.Errorf("%s run: %v", name, err)
		}
	}
}

func TestSchemaRefusesWounds(t *testing.T) {
	s, _ := publishedSchema(t)
	whole := written(t, fullRun(t))
	for _, wound := range [][2]string{
		{`"schema":"fcbench.run/v1"`, `"schema":"fcbench.run/v9"`},
		{`"scenario":`, `"scenaria":`},
		{`"time":"real"`, `"time":"fake"`},
		{`"offered":5000`, `"offered":-1`},
		{`"seed":18446744073709551615`, `"seed":1.5`},
		{`"shed":`, `"lost":`},
		{`"p99_ns":`, `"p99_ms":`},
		{`"verdict":"suspect"`, `"verdict":"fine"`},
		{`"started_at":"2026-01-02T`, `"started_at":"2026-01-02 `},
		{`"jain":0`, `"jain":1`},
		{`"t_ns":0,`, ``},
		{`"failed: connection refused"`, `"connection refused"`},
		{`"statuses":{"200"`, `"statuses":{"ok"`},
		{`"reasons":[`, `"reasons":[1,`},
		{`"kind":"flush-scripts"`, `"kind":"flush"`},
		{`"fail_open":50`, `"fail_ajar":50`},
		{`"recovered":true,`, ``},
		{`"excess":20`, `"excess":-20`},
		{`"model":"open"`, `"model":"ajar"`},
		{`"timeout":"1m"`, `"timeout":60`},
		{`"cores":2`, `"cores":"2"`},
		{`"result_digest":"0`, `"result_digest":"x`},
		{`"limiter.rate":"100/s"`, `"limiter.rate":100`},
	} {
		damaged := strings.Replace(whole, wound[0], wound[1], 1)
		if damaged == whole {
			t.Errorf("the run has no %s", wound[0])
		} else if validate(s, damaged) == nil {
			t.Errorf("the schema takes %s for %s", wound[1], wound[0])
		}
	}
}

// Every field of Run stands in the schema, and nothing else does.
func TestSchemaHasEveryField(t *testing.T) {
	_, doc := publishedSchema(t)
	(&schemaWalk{t, doc}).check("run", reflect.TypeFor[Run](), doc)
}

// schemaWalk goes through a type and its schema side by side.
type schemaWalk struct {
	t    *testing.T
	root map[string]any
}

func (w *schemaWalk) check(path string, typ reflect.Type, schema map[string]any) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = w.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch {
	case typ == reflect.TypeFor[time.Time](), typ == reflect.TypeFor[Timeouts](): // no objects, or not always
	case typ.Kind() == reflect.Pointer:
		w.check(path, typ.Elem(), schema)
	case typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Struct:
		w.check(path+"[]", typ.Elem(), schema["items"].(map[string]any))
	case typ.Kind() == reflect.Map:
		w.values(path, typ.Elem(), schema)
	case typ.Kind() == reflect.Struct:
		w.fields(path, typ, schema)
	}
}

// values checks what a map holds, under fixed names or under any.
func (w *schemaWalk) values(path string, typ reflect.Type, schema map[string]any) {
	if every, ok := schema["additionalProperties"].(map[string]any); ok {
		w.check(path+".*", typ, every)
		return
	}
	for name, property := range w.closed(path, schema) {
		w.check(path+"."+name, typ, property.(map[string]any))
	}
}

func (w *schemaWalk) fields(path string, typ reflect.Type, schema map[string]any) {
	if w.open(typ) {
		properties, _ := schema["properties"].(map[string]any)
		w.equal(path+": properties", slices.Collect(maps.Keys(properties)), w.namesOf(path, typ, properties))
		return
	}
	properties := w.closed(path, schema)
	var names, always []string
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous || !field.IsExported() {
			continue // its own fields stand in its place, as long as it is not nil
		}
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, tag)
		if options == "" && len(field.Index) == 1 {
			always = append(always, tag)
		}
		if property, ok := properties[tag].(map[string]any); ok {
			w.check(path+"."+tag, field.Type, property)
		}
	}
	var required []string
	for _, name := range schema["required"].([]any) {
		required = append(required, name.(string))
	}
	w.equal(path+": properties", slices.Collect(maps.Keys(properties)), names)
	w.equal(path+": required", required, always)
}

// open reports whether other versions may have other members in typ than this one.
func (w *schemaWalk) open(typ reflect.Type) bool {
	return slices.Contains([]reflect.Type{
		reflect.TypeFor[Load](), reflect.TypeFor[Retry](), reflect.TypeFor[Protocol](), reflect.TypeFor[PlannedFault](), reflect.TypeFor[Environment](),
	}, typ)
}

// namesOf are those of the fields of an open type; what it holds is checked too.
func (w *schemaWalk) namesOf(path string, typ reflect.Type, properties map[string]any) (names []string) {
	for _, f := range fieldsOf(reflect.New(typ).Elem()) {
		names = append(names, f.name)
		if property, ok := properties[f.name].(map[string]any); ok {
			w.check(path+"."+f.name, f.value.Type(), property)
		}
	}
	return names
}

// closed returns the properties of a schema that takes no others.
func (w *schemaWalk) closed(path string, schema map[string]any) map[string]any {
	if schema["additionalProperties"] != false {
		w.t.Errorf("%s takes any property", path)
	}
	properties, _ := schema["properties"].(map[string]any)
	return properties
}

func (w *schemaWalk) equal(what string, got, want []string) {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s of the schema are %v; want those of the type, %v", what, got, want)
	}
}

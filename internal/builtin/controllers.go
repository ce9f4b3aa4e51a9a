package builtin

import (
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/pipelines/control"
)

// Controllers are what may watch a pipeline while it runs, and change it.
func Controllers() catalog.Catalog[*control.Control] {
	return catalog.New("control",
		catalog.Define("doc-literal", "the rules word by word: CPU > 80 % smaller batches, delay > 1 s the limiter, > 5 collections a minute more workers", control.DefaultLiteralConfig(), control.NewLiteral),
		catalog.Define("calibrated", "the same rules for Go: hysteresis, cool-down, rates that are measured", control.DefaultCalibratedConfig(), control.NewCalibrated),
		catalog.Define("slow-down", "a signal to the source, by water marks of the first queue: as much as gets done", control.DefaultSlowDownConfig(), control.NewSlowDown),
		catalog.Define("dynamic-rate", "the limiter lets in as much as gets done, once items wait for too long", control.DefaultRateConfig(), control.NewDynamicRate).Recommend(),
	)
}

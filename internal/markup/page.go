package markup

import _ "embed"

// PageStyle is how every page begins to look: its measures and its type. The colours,
// --paper, --ink and --faint among them, are the page's own.
//
//go:embed page.css
var PageStyle string

// PagePolicy, as the page's Content-Security-Policy, lets it load nothing, whatever should be in it.
const PagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

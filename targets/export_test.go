package targets

// AddressFor returns the address that requests with a key go to.
func AddressFor(t *HTTP, key string) string { return t.template.url.of(key, "").String() }

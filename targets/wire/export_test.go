package wire

// AddressFor returns the address that requests with a key go to.
func AddressFor(t *HTTP, key string) string {
	u := t.template.url.base
	return u.Scheme + "://" + u.Host + string(t.template.url.append(nil, key, ""))
}

// HTTP1 returns a decoder of HTTP answers.
func HTTP1() Decoder {
	v, _ := newVerdicts(nil, nil)
	return &http1{verdicts: v}
}

// Bodiless marks requests by HEAD.
const Bodiless = bodiless

// Decoder reads the answers of a connection.
func (t *TCP) Decoder() Decoder { return t.codec.Decoder() }

// HTTP1Checking returns a decoder of HTTP answers that are checked.
func HTTP1Checking(c *CheckConfig) Decoder {
	v, _ := newVerdicts(nil, nil)
	k, _ := newCheck(c, "", v)
	return &http1{verdicts: v, check: k}
}

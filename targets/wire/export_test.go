package wire

// AddressFor returns the address that requests with a key go to.
func AddressFor(t *HTTP, key string) string {
	url := &t.mix.kinds[0].url
	return url.base.Scheme + "://" + url.base.Host + string(url.append(nil, key, ""))
}

// HTTP1 returns a decoder of HTTP answers.
func HTTP1() Decoder { return HTTP1Checking(nil) }

// Bodiless marks requests by HEAD.
const Bodiless = bodiless

// Decoder reads the answers of a connection.
func (t *TCP) Decoder() Decoder { return t.codec.Decoder() }

// HTTP1Checking returns a decoder of HTTP answers that are checked.
func HTTP1Checking(c *CheckConfig) Decoder {
	v, _ := newVerdicts(nil, nil)
	k, _ := newCheck(c, "", v)
	return &http1{mix: &mix{kinds: []*template{{check: k}}, verdicts: v}}
}

// RESP returns a decoder of Redis replies.
func RESP() Decoder { return new(resp) }

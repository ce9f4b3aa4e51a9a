package wire

import (
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

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

// RESP returns a decoder of Redis replies, and hands their integers to saw, if it is
// not nil; nil are those of a reply with something else in it.
func RESP(saw func([]int64)) Decoder {
	if saw == nil {
		return new(resp)
	}
	return &resp{meaning: func(_ Mark, reply []int64, r *targets.Response) {
		saw(reply)
		r.Outcome = results.OK
	}}
}

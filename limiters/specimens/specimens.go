// Package specimens holds rate limiters that are known to be wrong, as one
// meets them in programs and tutorials. They are kept to show what the checkers
// find, and as a measure of what being wrong costs. Each claims to be what its
// authors believe it to be, and is wrong in the one way that it is known for:
// everything else about it is in order.
//
//   - [NaiveLazyBucket] forgets the remainder of every refill.
//   - [Ticker] refills a channel from a [time.Ticker]: it knows no keys and no
//     costs, wakes when nobody asks, and falls short of high rates.
package specimens

package pipelines

// Cause says why an item was dropped. There is one for each drop.
type Cause uint8

// The causes.
const (
	QueueFull     Cause = 1 + iota // there was no room for the newcomer
	DroppedOldest                  // it was the oldest, and room was needed
	DroppedTail                    // it was the youngest of those inside, and room was needed
	DroppedBuffer                  // all inside had to go
	Conflated                      // a newer one says the same
	OfferTimeout                   // it stood at the door for too long
	Expired                        // its deadline went by inside
	Sojourn                        // it waited longer than the policy lets anybody wait
	FattestFlow                    // room was needed, and its flow took the most of it
	Displaced                      // room was needed for a more urgent one
	Overflow                       // it was the one too many, which ended the stream
	StreamFailed                   // it came after the stream had ended
	MemoryGuard                    // it would have made the queue heavier than is allowed
	IntakeLimit                    // the limiter before the first queue refused it
	Causes                         // how many there are, with none at 0
)

var causeNames = [Causes]string{
	QueueFull: "queue-full", DroppedOldest: "dropped-oldest", DroppedTail: "dropped-tail", DroppedBuffer: "dropped-buffer",
	Conflated: "conflated", OfferTimeout: "offer-timeout", Expired: "expired-in-queue", Sojourn: "sojourn",
	FattestFlow: "fattest-flow", Displaced: "displaced", Overflow: "overflow", StreamFailed: "stream-failed", MemoryGuard: "memory-guard",
	IntakeLimit: "intake-limit",
}

// String names the cause as results do.
func (c Cause) String() string {
	if c >= Causes || causeNames[c] == "" {
		return "no cause"
	}
	return causeNames[c]
}

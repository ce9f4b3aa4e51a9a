package redislua

// Gathered is how many calls of a limiter with a pipeline wait to be sent, and in
// how many pipelines.
func (l *Scripted) Gathered() (calls, pipelines int) {
	p := l.sender.(*pipeline)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.queue {
		calls += b.waiting
	}
	return calls, len(p.queue)
}

// GCRASource is the script of a GCRA on the server's clock.
func GCRASource() string { return newScript(nil, false, "clock_server.lua", "gcra.lua").source }

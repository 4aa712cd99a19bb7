package metrics

// Tracked returns how many Conns c holds.
func (c *Collector) Tracked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.conns)
}

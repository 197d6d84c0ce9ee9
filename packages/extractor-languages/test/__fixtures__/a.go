package shop

import (
	"fmt"
	system "os"
)

// A group: each constant stands for itself.
const (
	Red = iota
	Blue
)

var first, second = 1, 2

// Shelf keeps goods.
type Shelf struct{ width int }

type (
	// Seller sells.
	Seller interface{ Sell() error }
	Alias  = Shelf
)

// Put adds.
func (s *Shelf[K]) Put() { local := func() {}; local() }
func Map[T any](x T) T   { return x }

package bench

import "context"

func (b *bench) durability(ctx context.Context) error { return nil }
func (b *bench) hybrid(ctx context.Context) error     { return nil }
func (b *bench) attachment(ctx context.Context) error { return nil }
func (b *bench) sessions(ctx context.Context) error   { return nil }
func (b *bench) start(ctx context.Context) error      { return nil }
func (b *bench) storm(ctx context.Context) error      { return nil }

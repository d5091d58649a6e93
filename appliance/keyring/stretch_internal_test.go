package keyring

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"sigill/appliance/seal"
)

// TestStretcherBound takes the places by hand, so that nothing depends on how long
// Argon2id takes.
func TestStretcherBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStretcher(DefaultCost, 2, nil)
		s.free <- struct{}{}
		s.free <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := s.Stretch(ctx, []byte("x"), make([]byte, passwordSalt))
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("a third one did not wait: %v", err)
		default:
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away waiting got %v", err)
		}
		if len(s.free) != 2 {
			t.Error("who went away took a place with him")
		}
		<-s.free
		if _, err := s.Stretch(t.Context(), []byte("x"), make([]byte, passwordSalt)); err != nil {
			t.Error(err)
		}
		if len(s.free) != 1 {
			t.Error("a place was not given back")
		}
	})
}

// TestUnknownAccount holds all places: who then waits for one does the work. It would
// be measured by time if a machine were ever quiet.
func TestUnknownAccount(t *testing.T) {
	for name, box := range map[string][]byte{"none": nil, "short": make([]byte, 15), "only a salt": make([]byte, 16), "whole": make([]byte, 76)} {
		t.Run("a box that is "+name+" is stretched for", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewStretcher(DefaultCost, 1, nil)
				s.free <- struct{}{}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() {
					_, err := s.OpenSeedByPassword(ctx, [16]byte{}, []byte("x"), seal.Secret{}, box)
					done <- err
				}()
				synctest.Wait()
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("answered without work: %v", err)
				}
			})
		})
	}
}

func TestOwnersAreBounded(t *testing.T) {
	s := NewEpochs()
	for i := range maxOwners {
		s.now[[16]byte{byte(i), byte(i >> 8)}] = &epoch{}
	}
	s.sweep(s.now[[16]byte{}].Made)
	if len(s.now) >= maxOwners {
		t.Errorf("%d owners are kept", len(s.now))
	}
}

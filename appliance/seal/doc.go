// Package seal turns clear bytes into ciphertext and back: the content of a
// message as parts, its key as wraps, its envelope as boxes. FORMAT.md beside
// this file says each byte; the code follows it.
//
// It never keeps a key, never touches a disk, and knows nothing of people,
// sessions or rows: only bytes, ids and what they are bound to.
//
// What it returns goes to disk as it is. Parts are age v1 files; everything else
// is a box (nonce ‖ AES-256-GCM) or an HPKE ciphertext.
//
// # What holds always
//
// A key serves one purpose and one thing. Purpose and ids stand in its derivation
// and in the additional data of its use, so nothing opens in another's place.
//
// Every way in which opening can go wrong gives ErrOpen and nothing else: an
// attacker who may try learns whether it opened, and no more.
package seal

// Package keyring has the keys that are not a message's: the appliance's, people's
// and guests', the custodians'; and the seal of the slots. It has the recovery kit too:
// its pages, R in shares, and what `sigill recover` carries from one machine to another.
//
// It never writes a file but the appliance key's and the recovery kit's, and never
// decides who may do what: access and desk do.
//
// On disk, in other packages' hands, stand only boxes as seal/FORMAT.md has them.
// KEYS/appliance.key holds K_app in boot mode D.
//
// # What holds always
//
// A slot's key is opened just before it is used and kept nowhere. A seed lives in
// memory only while its owner is signed in. What the server can open unattended is
// named: App's methods, and nothing else.
package keyring

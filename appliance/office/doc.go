// Package office is the other work: people and their keys, the ceremonies around
// them, and settings.
//
// It never opens a letter and never keeps a seed: a person's key is made, locked for
// who may open it, and forgotten.
//
// Who has forgotten the password comes back by the code that they have on paper, by those
// who organise their branch and its helper pair, or by the recovery kit and those who keep
// its shares: the key stays the same, and the old password opens nothing any more.
//
// A registered recipient is a person too, of whom no list of the house knows: they are in
// no unit, nobody organises them, and nobody's helpers have their key. An account is of use
// for new letters as long as its owner shows that inbox and phone are theirs; the house may
// suspend and close it. Nobody ends an account by themself who cannot sign in to it: whoever
// keeps its owner out, or reads their mail, would erase their letters. Somebody whose address
// becomes the house's is one of it when they say so.
//
// Nothing of it is on disk but rows of people, seed wraps, codes and settings.
//
// What holds always: everybody of the house has a key before the first letter to
// them is sealed; who has not signed in yet loses nothing that came before.
package office

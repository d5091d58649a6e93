// Package org is the organisation as the house knows it: a tree of departments and
// sponsored groups, the people in them, and who may organise which branch.
//
// It is arithmetic on what stands in memory. The office loads a Tree from the store,
// asks it before every change whether that may be, writes, and then tells it what has
// changed; so what it says is what stands on the disk.
//
// What holds always: there is one root, every unit hangs below it, and nobody has more
// than one home. A right over a unit is a right over all below it, and never one over
// a letter.
package org

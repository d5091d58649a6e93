// Package leaked knows passwords that strangers try first: those that were leaked
// somewhere, and one leaked word with a number or a sign or two around it.
//
// It has lists of its own (embed/password): 11,600 leaked passwords as long as ours must
// be, which is more than the 3,000 that ASVS 5.0, 6.2.4 asks for, and 35,000 words. They
// are looked up where they lie in the binary and cost no memory. Beside them an operator
// may keep all that are known, in the file of Have I Been Pwned, ordered by SHA-1; it is
// read where it lies, too.
//
// A password leaves this package in no error and no log, and nothing is asked of anybody
// outside the machine.
//
// # What is refused, and what is not
//
// Of "Sommar2026!!" all that is not guessed at once is which word and which year. So a
// password is refused if nothing is left of it but one leaked word, said once or twice,
// when these are taken off both ends: a number of at most four digits, a row or repetition
// of digits, one or two signs, one sign many times; three of them at most. Two words that
// are not known as one, a word and five digits of one's own, letters on both sides: none of
// that is refused, for each has too many others beside it to be tried first. A phrase of
// several words is never looked at beyond whether it is known as a whole. Of 200,000
// phrases by chance of two words with a blank or hyphen between them, of three and of
// four, with and without a year behind them, none is refused; of two words written as one,
// ten: those where chance has taken the same word twice.
package leaked

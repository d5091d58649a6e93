// Package locale puts the product into people's languages: sentences with
// named values, plurals, dates and sizes.
//
// It never decides what is said, only how; it never makes HTML, and it never
// reads a clock. A value that is put into a sentence stays text: whoever shows it
// escapes it.
//
// On disk a language is one file, embed/locale/TAG.json: keys with dots, sorted,
// each with a sentence or with an object of sentences by CLDR plural class. A new
// language is a new file and nothing else. en.json is the source.
//
// What holds always: every language has the same keys with the same values in
// them (test); a key that is not there shows as ⟦key⟧ instead of as nothing.
package locale

// Package nationalid finds out whether a national identity number stands in a text: a
// Swedish personnummer or samordningsnummer, a Danish CPR number, a Finnish
// henkilötunnus, a Norwegian fødselsnummer or D-number.
//
// It is for a word before a letter is sent: a subject, or a letter to another person, is
// no place for such a number. It never says which number it has found, so that none goes
// into a page, a log or an error by it.
//
// What is taken for one:
//
//	SE  (YY)YYMMDD-NNNC, + for -, a blank or nothing: a day that there is, 60 more for a
//	    samordningsnummer, and the check digit of the last ten (folkbokföringslag
//	    (1991:481), 18 and 18 a §§; Skatteverket SKV 704 and 707)
//	DK  DDMMYY-SSSS, a blank or nothing: a day that there is. Where the hyphen stands in
//	    its place modulus 11 is not asked for: since October 2007 the CPR office gives
//	    numbers that do not have it. Else it is, or each thirtieth number of ten digits
//	    would be one
//	FI  DDMMYYCZZZQ: C is the century (+, - or one of YXWVU, one of ABCDEF), ZZZ from 002,
//	    Q the check character of modulus 31
//	NO  DDMMYYIIIKK, also with a blank or a hyphen: a day that there is, 40 more for a
//	    D-number, and both check digits of modulus 11
//
// What is not: numbers within longer words or numbers, dates with points or hyphens in
// them, numbers that hospitals give for a while, and those of organisations, which have no
// month. Of mobile numbers that begin with 070 and are written as ten digits at once, six
// of a hundred are taken for one: somebody who was born in 2007 may have it. So who is
// told of it can say that it is none.
//
// What holds always: each byte is looked at a few times, whatever stands there; nothing
// is kept.
package nationalid

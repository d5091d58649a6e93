// Package workday says which days are worked in a country, and how many have gone by.
//
// It is for the alarm of a function mailbox: what lies unread there for so many working
// days. It never reads a clock or a disk, and knows nothing of mail.
//
// The holidays are github.com/rickar/cal's, with what that lacks. A weekday is off only
// by law: because it is a holiday, because a time limit that ends on it is put off to the
// next working day, or because half of it is free.
//
//	SE  lag (1989:253) om allmänna helgdagar, 1 and 2 §§;
//	    lag (1930:173) om beräkning av lagstadgad tid, 2 §: also midsommarafton,
//	    julafton and nyårsafton. Not trettondagsafton: RÅ 2004 not 40
//	DK  folkekirkens helligdage, without store bededag since 2024 (lovforslag L 13 of
//	    2022-23, 2. samling); forældelsesloven § 27, 2: also grundlovsdag, 24 and
//	    31 December. Not 1 May
//	FI  laki säädettyjen määräaikain laskemisesta (150/1930), 5 §: also Independence
//	    Day, 1 May, and the eves of midsummer and Christmas. Not New Year's Eve
//	NO  lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred, § 2; lov 26. april
//	    1947 nr. 1 om 1 og 17 mai; domstolloven § 149. No eve: they are half days by
//	    agreement, and Christmas Eve by law only from 15 (arbeidsmiljøloven § 10-10)
//	IS  lög nr. 32/1997 um frið vegna helgihalds, 2. gr.; lög nr. 88/1971 um 40 stunda
//	    vinnuviku, 6. gr.: also the first day of summer, 1 May, 17 June, the first
//	    Monday of August, and 24 and 31 December, which are off from 13: no whole
//	    working day
//
// What an employer gives besides, as bridge days or the afternoon of an eve, is not known
// here: by that an alarm may be early, and never late.
//
// What holds always: a day is the zone's, from midnight to midnight, of 23 and 25 hours
// too; Between and Before say the same. That takes a zone whose clocks never go back over
// the midnight of a weekday, as they do in no country that is known here.
package workday

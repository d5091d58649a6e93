// Package appliance is the machine: it joins the parts and runs them.
//
// # The way of a message
//
//		smtpd ─┐  intake                                              ┌─ portal: reader
//		portal ┼─────────▶ desk.Accept ─▶ policy ─▶ seal ─▶ vault ◀───┤  access, desk.Open ─▶ seal ─▶ sanitize
//		                                                     │  │     └─ desk.Reply: the same way again
//		                                                     │  └─▶ outbox ─▶ notify ─▶ courier ─▶ the reader
//		                                                     └─▶ journal
//		retention: when due ─▶ desk.Expire ─▶ vault (key gone, row gone) ─▶ erase (bytes gone) ─▶ journal
//
//	 1. A door takes it, never more than the limits say.
//	 2. intake reads it as a draft.
//	 3. policy decides.
//	 4. seal makes a key for this message alone and wraps it for each who may open.
//	 5. vault keeps ciphertext,
//	 6. in the same transaction the notices and the journal event.
//	 7. notify words the notice, courier carries it.
//	 8. The reader proves who he is,
//	 9. the desk opens for him and writes that down.
//	 10. A reply is a draft again.
//	 11. retention sees that it is due.
//	 12. erase: first the key, then the bytes, then the record that both are gone.
//
// Each step of 12 may be repeated: after a power cut it goes on where it stood.
package appliance

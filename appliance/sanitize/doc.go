// Package sanitize turns foreign HTML into HTML that is safe to show.
//
// It never fetches anything, never runs anything, and never edits what it has
// declared clean: rewriting comes first, the last step only takes away.
//
// Nothing of it is on disk or on the wire. In goes the HTML of a mail as it came,
// out comes a fragment of well-nested elements from a short list, UTF-8.
//
// # Why the result is safe
//
// A browser builds a tree out of tokens. Sanitisers have fallen where the browser
// cut other tokens out of their output than they had meant: inside svg, math,
// style, noscript, template and other places where the rules of cutting change.
// None of these is ever written here. Every text and every attribute value is
// escaped, every element and attribute is on the list, so the browser is in its
// plain state at each byte and cuts exactly our tokens. Whatever tree it builds of
// them is a tree of harmless elements. For the same reason there is no tree here:
// tree building copies formatting elements, and a small hostile mail makes it
// copy until memory is gone. The work is linear in the size of the input.
//
// # Walls
//
//  1. This package's own cleaner: decides and rewrites (links, pictures, styles).
//  2. bluemonday with a policy as narrow as the cleaner: only takes away.
//  3. The frame: sandbox without a single permission, so no script, no form, no
//     own origin (Document).
//  4. The frame's own policy, and the policy that it inherits from the page.
//
// Each of 1 and 2 alone lets nothing fire in the vectors of testdata; see
// TestNothingFiresInChromium.
//
// # What holds always
//
//   - No element, attribute, style property or URL scheme that is not listed.
//   - No reference to another host is fetched: Blocked counts what was left out.
//   - HTML(HTML(x)) is HTML(x), pictures given as data: URLs included.
//   - The result is at most 12 times as long as the input plus its pictures.
package sanitize

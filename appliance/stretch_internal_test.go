package appliance

import "sigill/appliance/keyring"

// CheapStretch is what Argon2id costs in this package's tests: their many sign-ins would
// take minutes of nothing else. The true cost has its own tests in keyring.
var CheapStretch = keyring.Cost{Passes: 1, Memory: 64}

func init() { stretchCost = CheapStretch }

package appliance

// TryProgram is tryProgram, for who builds programs.
var TryProgram = tryProgram

// The county and the chance of the tests are a module of their own, since the simulation's program cannot link what the test library
// needs; tests get them with this one.
@_exported import TestModels

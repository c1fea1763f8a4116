'use strict'

// What lib/ may do with a session and nobody else can.
module.exports = { KEY: Symbol('moonlet') }

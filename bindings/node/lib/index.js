'use strict'

const { MoonletError } = require('./error')
const { MoonletRuntime } = require('./runtime')
const { HandlerSession } = require('./session')

module.exports = { HandlerSession, MoonletError, MoonletRuntime }

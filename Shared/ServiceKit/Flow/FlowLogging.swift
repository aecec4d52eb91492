import AMQP
import CaseFlow
import Postgres

// These errors say nothing of the values of rows or messages, so their sentences may stand in logs.

extension PostgresError: LoggableError { public var logDescription: String { description } }
extension AMQPError: LoggableError { public var logDescription: String { description } }
extension StoreFailure: LoggableError { public var logDescription: String { description } }
extension BrokerFailure: LoggableError { public var logDescription: String { description } }

import Models
import Postgres

/// The SQL that a service contributes: how its states and effects are loaded and saved, always for a whole batch.
public protocol CaseTables<State, Effect>: Sendable {
    associatedtype State: Sendable
    associatedtype Effect: Sendable

    /// Selects the states of `subjects`, one row each, the subject first.
    func selection(of subjects: [Subject]) -> SQL

    /// Reads a row of that selection.
    func state(from row: PostgresRow) throws -> State

    /// The county version that the case of `state` began under, whose definition its process looks up.
    func county(of state: State) -> String

    /// The statements that store a batch: at most one for each table.
    func statements(saving states: [(subject: Subject, state: State)], effects: [Effect]) throws -> [SQL]

    /// Hears of effects that have just been committed; nothing unless a service wants it.
    func committed(_ effects: [Effect]) async
}

extension CaseTables {
    public func committed(_ effects: [Effect]) async {}
}

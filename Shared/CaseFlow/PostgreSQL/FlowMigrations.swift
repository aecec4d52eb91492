import Postgres

/// The tables that every service's schema has.
public enum FlowMigrations {
    public static let all = [
        Migration(name: "M0001_flow", sql: PackageResources.M0001_flow_sql),
        Migration(name: "M0002_bundles", sql: PackageResources.M0002_bundles_sql),
        Migration(name: "M0003_months", sql: PackageResources.M0003_months_sql),
        Migration(name: "M0004_lanes", sql: PackageResources.M0004_lanes_sql),
        Migration(name: "M0005_clock_room", sql: PackageResources.M0005_clock_room_sql),
        Migration(name: "M0006_as_seen", sql: PackageResources.M0006_as_seen_sql),
    ]
}

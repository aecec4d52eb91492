import ServiceKit

extension Setting where Value == Secret {
    /// The HTTP API of RabbitMQ's management plugin, by which departments' queues are made; the path names the virtual host.
    static var brokerManagementURL: Self {
        .secretAddress(
            "HUIYIN_BROKER_MANAGEMENT_URL", meaning: "RabbitMQ's management API", example: "http://huiyin:password@127.0.0.1:15672/",
            schemes: ["http", "https"])
    }
}

extension Setting where Value == [AddressRange] {
    /// Addresses that are not of the public Internet and may nevertheless get webhooks.
    static var webhookAllowed: Self {
        Self(
            "HUIYIN_WEBHOOK_ALLOWED", meaning: "private addresses that may get webhooks", example: "10.1.0.0/16,192.168.7.20", default: []
        ) { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { AddressRange(String($0)) }
            let known = parts.compactMap { $0 }
            return known.count == parts.count
                ? .value(known) : .fault("must be addresses or ranges such as 10.1.0.0/16, with commas between them")
        }
    }
}

extension Setting where Value == String {
    /// As whom this house asks webhooks' ends whether they want what comes (WebHook-Request-Origin).
    static var webhookOrigin: Self {
        .text(
            "HUIYIN_WEBHOOK_ORIGIN", meaning: "the name of this house before webhooks", example: "huiyin.example.gov.cn", default: "huiyin")
    }

    /// Further certificates that may sign those of webhooks' hosts.
    static var webhookAuthorities: Self {
        .path(
            "HUIYIN_WEBHOOK_AUTHORITIES", meaning: "a PEM file with the county's own certificate authorities", example: "/etc/huiyin/ca.pem"
        )
    }
}

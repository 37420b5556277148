vcl 4.1;

# PURGE comes from the application's network only
acl purgers { "172.28.0.0"/24; }

backend web { .host = "web"; .port = "8080"; .first_byte_timeout = 600s; }

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) { return (synth(405)); }
        ban("obj.http.X-Magento-Tags ~ " + req.http.X-Magento-Tags-Pattern);
        return (synth(200, "Purged"));
    }
    if (req.url ~ "^/(checkout|customer)") { return (pass); }
}

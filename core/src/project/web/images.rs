//! What the images of web servers bring along: their own configuration, as far as it matters to a question.
//!
//! Written from the images' published files: nginx 1.29, httpd 2.4, php 8.4 on Debian, caddy 2.10, FrankenPHP 1.9.

use crate::model::web::Software;

/// Which files an image has, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    /// The product.
    pub(super) software: Software,
    /// The file that is read first.
    pub(super) root: &'static str,
    /// Where relative includes start from.
    pub(super) prefix: &'static str,
    /// The image's files.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Links: the name, and what it stands for.
    pub(super) links: &'static [(&'static str, &'static str)],
    /// Whether the image's own servers are known: what is served when nothing replaces them.
    pub(super) known: bool,
}

const MIME: &str = "types { text/html html; }\n";
const FASTCGI: &str = "fastcgi_param QUERY_STRING $query_string;\nfastcgi_param REQUEST_METHOD $request_method;\n\
fastcgi_param CONTENT_TYPE $content_type;\nfastcgi_param CONTENT_LENGTH $content_length;\nfastcgi_param SCRIPT_NAME $fastcgi_script_name;\n\
fastcgi_param REQUEST_URI $request_uri;\nfastcgi_param DOCUMENT_URI $document_uri;\nfastcgi_param DOCUMENT_ROOT $document_root;\n\
fastcgi_param SERVER_PROTOCOL $server_protocol;\nfastcgi_param REMOTE_ADDR $remote_addr;\nfastcgi_param SERVER_NAME $server_name;\n\
fastcgi_param REDIRECT_STATUS 200;\n";
const FASTCGI_FILE: &str = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\nfastcgi_param QUERY_STRING $query_string;\n\
fastcgi_param REQUEST_METHOD $request_method;\nfastcgi_param SCRIPT_NAME $fastcgi_script_name;\nfastcgi_param REQUEST_URI $request_uri;\n\
fastcgi_param DOCUMENT_ROOT $document_root;\nfastcgi_param REMOTE_ADDR $remote_addr;\nfastcgi_param REDIRECT_STATUS 200;\n";
const FASTCGI_PHP: &str = "fastcgi_split_path_info ^(.+?\\.php)(/.*)$;\ntry_files $fastcgi_script_name =404;\nset $path_info $fastcgi_path_info;\n\
fastcgi_param PATH_INFO $path_info;\nfastcgi_index index.php;\ninclude fastcgi.conf;\n";
const PROXY: &str = "proxy_set_header Host $http_host;\nproxy_set_header X-Real-IP $remote_addr;\n\
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\nproxy_set_header X-Forwarded-Proto $scheme;\n";
const NGINX: &str = "user nginx;\nevents { worker_connections 1024; }\nhttp {\n  include /etc/nginx/mime.types;\n  \
default_type application/octet-stream;\n  include /etc/nginx/conf.d/*.conf;\n}\n";
const NGINX_SITE: &str = "server {\n  listen 80;\n  server_name localhost;\n  location / {\n    root /usr/share/nginx/html;\n    \
index index.html index.htm;\n  }\n  location = /50x.html { root /usr/share/nginx/html; }\n}\n";
const NGINX_DISTRIBUTION: &str = "events { worker_connections 768; }\nhttp {\n  include /etc/nginx/mime.types;\n  \
include /etc/nginx/conf.d/*.conf;\n  include /etc/nginx/http.d/*.conf;\n  include /etc/nginx/sites-enabled/*;\n}\n";

/// The official image.
pub(super) const OFFICIAL_NGINX: Layout = Layout {
    software: Software::Nginx,
    root: "/etc/nginx/nginx.conf",
    prefix: "/etc/nginx",
    files: &[
        ("/etc/nginx/conf.d/default.conf", NGINX_SITE),
        ("/etc/nginx/fastcgi_params", FASTCGI),
        ("/etc/nginx/mime.types", MIME),
        ("/etc/nginx/nginx.conf", NGINX),
        ("/etc/nginx/scgi_params", ""),
        ("/etc/nginx/uwsgi_params", ""),
    ],
    links: &[],
    known: true,
};

/// nginx from a distribution's packages, or in an image nobody has looked into.
pub(super) const OTHER_NGINX: Layout = Layout {
    software: Software::Nginx,
    root: "/etc/nginx/nginx.conf",
    prefix: "/etc/nginx",
    files: &[
        ("/etc/nginx/fastcgi.conf", FASTCGI_FILE),
        ("/etc/nginx/fastcgi_params", FASTCGI),
        ("/etc/nginx/mime.types", MIME),
        ("/etc/nginx/nginx.conf", NGINX_DISTRIBUTION),
        ("/etc/nginx/proxy_params", PROXY),
        ("/etc/nginx/scgi_params", ""),
        ("/etc/nginx/snippets/fastcgi-php.conf", FASTCGI_PHP),
        ("/etc/nginx/snippets/snakeoil.conf", ""),
        ("/etc/nginx/uwsgi_params", ""),
    ],
    links: &[("/etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default")],
    known: false,
};

/// The official `httpd`.
pub(super) const HTTPD: Layout = Layout {
    software: Software::Apache,
    root: "/usr/local/apache2/conf/httpd.conf",
    prefix: "/usr/local/apache2",
    files: &[(
        "/usr/local/apache2/conf/httpd.conf",
        "Listen 80\n<Directory />\nAllowOverride none\nRequire all denied\n</Directory>\nDocumentRoot \"/usr/local/apache2/htdocs\"\n\
<Directory \"/usr/local/apache2/htdocs\">\nOptions Indexes FollowSymLinks\nAllowOverride None\nRequire all granted\n</Directory>\n\
DirectoryIndex index.html\n<Files \".ht*\">\nRequire all denied\n</Files>\n",
    )],
    links: &[],
    known: true,
};

const DEBIAN: &str = "AccessFileName .htaccess\n<Directory />\nOptions FollowSymLinks\nAllowOverride None\nRequire all denied\n</Directory>\n\
<Directory /usr/share>\nAllowOverride None\nRequire all granted\n</Directory>\n<Directory /var/www/>\nOptions Indexes FollowSymLinks\n\
AllowOverride None\nRequire all granted\n</Directory>\n<FilesMatch \"^\\.ht\">\nRequire all denied\n</FilesMatch>\n\
IncludeOptional mods-enabled/*.conf\nInclude ports.conf\nIncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n";
const DEBIAN_SITE: &str = "<VirtualHost *:80>\nDocumentRoot /var/www/html\n</VirtualHost>\n";
const DEBIAN_STATUS: &str = "<Location /server-status>\nSetHandler server-status\nRequire local\n</Location>\n";
const DEBIAN_SECURITY: &str = "ServerTokens OS\nServerSignature On\nTraceEnable Off\n";
const DOCKER_PHP: &str = "<FilesMatch \\.php$>\nSetHandler application/x-httpd-php\n</FilesMatch>\nDirectoryIndex disabled\n\
DirectoryIndex index.php index.html\n<Directory /var/www/>\nOptions -Indexes\nAllowOverride All\n</Directory>\n";

/// `php:*-apache`, and what is built on it: WordPress, Nextcloud, Drupal and others.
pub(super) const PHP_APACHE: Layout = Layout {
    software: Software::Apache,
    root: "/etc/apache2/apache2.conf",
    prefix: "/etc/apache2",
    files: &[
        ("/etc/apache2/apache2.conf", DEBIAN),
        ("/etc/apache2/conf-enabled/docker-php.conf", DOCKER_PHP),
        ("/etc/apache2/conf-enabled/security.conf", DEBIAN_SECURITY),
        ("/etc/apache2/mods-enabled/status.conf", DEBIAN_STATUS),
        ("/etc/apache2/ports.conf", "Listen 80\n"),
        ("/etc/apache2/sites-available/000-default.conf", DEBIAN_SITE),
        ("/etc/apache2/sites-available/default-ssl.conf", ""),
    ],
    links: &[
        ("/etc/apache2/conf-available/docker-php.conf", "/etc/apache2/conf-enabled/docker-php.conf"),
        ("/etc/apache2/conf-available/security.conf", "/etc/apache2/conf-enabled/security.conf"),
        ("/etc/apache2/sites-enabled/000-default.conf", "/etc/apache2/sites-available/000-default.conf"),
    ],
    known: true,
};

/// Apache from a distribution's packages, or in an image nobody has looked into.
pub(super) const OTHER_APACHE: Layout = Layout {
    software: Software::Apache,
    root: "/etc/apache2/apache2.conf",
    prefix: "/etc/apache2",
    files: &[("/etc/apache2/apache2.conf", DEBIAN), ("/etc/apache2/ports.conf", "Listen 80\n")],
    links: &[("/etc/apache2/sites-enabled/000-default.conf", "/etc/apache2/sites-available/000-default.conf")],
    known: false,
};

/// The official `caddy`.
pub(super) const CADDY: Layout = Layout {
    software: Software::Caddy,
    root: "/etc/caddy/Caddyfile",
    prefix: "/etc/caddy",
    files: &[("/etc/caddy/Caddyfile", ":80 {\n\troot * /usr/share/caddy\n\tfile_server\n}\n")],
    links: &[],
    known: true,
};

/// FrankenPHP.
pub(super) const FRANKENPHP: Layout = Layout {
    software: Software::Caddy,
    root: "/etc/frankenphp/Caddyfile",
    prefix: "/etc/frankenphp",
    files: &[(
        "/etc/frankenphp/Caddyfile",
        "{\n\t{$CADDY_GLOBAL_OPTIONS}\n\tfrankenphp {\n\t\t{$FRANKENPHP_CONFIG}\n\t}\n}\n{$CADDY_EXTRA_CONFIG}\n{$SERVER_NAME:localhost} {\n\t\
root {$SERVER_ROOT:public/}\n\tencode zstd br gzip\n\t{$CADDY_SERVER_EXTRA_DIRECTIVES}\n\tphp_server\n}\n",
    )],
    links: &[("/etc/caddy/Caddyfile", "/etc/frankenphp/Caddyfile")],
    known: true,
};

/// Caddy in an image nobody has looked into.
pub(super) const OTHER_CADDY: Layout = Layout {
    software: Software::Caddy,
    root: "/etc/caddy/Caddyfile",
    prefix: "/etc/caddy",
    files: &[],
    links: &[],
    known: false,
};

/// Folders of configuration: what is copied to one of these names is put into it.
pub(super) const FOLDERS: [&str; 19] = [
    "/etc/nginx",
    "/etc/nginx/conf.d",
    "/etc/nginx/http.d",
    "/etc/nginx/snippets",
    "/etc/nginx/sites-available",
    "/etc/nginx/sites-enabled",
    "/etc/nginx/templates",
    "/etc/apache2",
    "/etc/apache2/conf-available",
    "/etc/apache2/conf-enabled",
    "/etc/apache2/conf.d",
    "/etc/apache2/sites-available",
    "/etc/apache2/sites-enabled",
    "/usr/local/apache2/conf",
    "/usr/local/apache2/conf/extra",
    "/etc/httpd/conf.d",
    "/etc/caddy",
    "/etc/frankenphp",
    "/var/www/html",
];

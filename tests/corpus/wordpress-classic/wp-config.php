<?php
// Website des Vereins. Stand vom Umzug auf den neuen Server.

define( 'DB_NAME', 'verein' );
define( 'DB_USER', 'verein' );
define( 'DB_PASSWORD', 'verein' );
define( 'DB_HOST', 'db:3306' );
define( 'DB_CHARSET', 'utf8mb4' );

define( 'AUTH_KEY',         'put your unique phrase here' );
define( 'SECURE_AUTH_KEY',  'put your unique phrase here' );
define( 'LOGGED_IN_KEY',    'put your unique phrase here' );
define( 'NONCE_KEY',        'put your unique phrase here' );
define( 'AUTH_SALT',        '5 w@k:T{q}Q|x1?=Vf+9&Z~$r/;kLw0(Yd*Gm#2nB)e-hJ^sPc]aU8[iO7>tX6<z' );
define( 'SECURE_AUTH_SALT', "put your unique phrase here" );

$table_prefix = 'wp_';

define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', true );
define( 'DISALLOW_FILE_EDIT', false );

/* hinter dem Proxy des Hosters */
if ( ( $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '' ) === 'https' ) {
	$_SERVER['HTTPS'] = 'on';
}

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';

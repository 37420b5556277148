<?php

declare(strict_types=1);

// The settings of WordPress, from the environment and from files of secrets. config/environments/*.php add to them.

use Roots\WPConfig\Config;

use function Env\env;

$root = dirname(__DIR__);

/** Reads a secret from the file that NAME_FILE names. */
$secret = static function (string $name): ?string {
    $file = getenv($name . '_FILE');

    return $file ? trim((string) file_get_contents($file)) : env($name);
};

define('WP_ENV', env('WP_ENV') ?: 'production');

foreach (['WP_HOME', 'WP_SITEURL', 'DB_NAME', 'DB_USER', 'DB_HOST', 'WP_REDIS_HOST'] as $name) {
    Config::define($name, env($name));
}
Config::define('DB_PASSWORD', $secret('DB_PASSWORD'));
Config::define('WP_REDIS_PASSWORD', $secret('WP_REDIS_PASSWORD'));
Config::define('WP_CONTENT_DIR', "$root/web/app");
Config::define('WP_CONTENT_URL', env('WP_HOME') . '/app');
Config::define('DISALLOW_FILE_EDIT', true);
Config::define('DISALLOW_FILE_MODS', true);
Config::define('DISABLE_WP_CRON', env('DISABLE_WP_CRON') ?? false);
Config::define('WP_DEBUG_DISPLAY', false);

require '/run/secrets/wp_salts';
ini_set('display_errors', '0');
$table_prefix = 'mer_';
Config::apply();

defined('ABSPATH') or define('ABSPATH', "$root/web/wp/");

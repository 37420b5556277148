<?php

$databases['default']['default'] = [
  'database' => getenv('DRUPAL_DB_NAME'),
  'username' => getenv('DRUPAL_DB_USER'),
  'password' => trim((string) file_get_contents(getenv('DRUPAL_DB_PASSWORD_FILE'))),
  'host' => getenv('DRUPAL_DB_HOST'),
  'port' => '5432',
  'driver' => 'pgsql',
  'prefix' => '',
];

$settings['hash_salt'] = file_get_contents('/run/secrets/hash_salt');
$settings['config_sync_directory'] = '../config/sync';
$settings['file_private_path'] = '/opt/drupal/private';
$settings['trusted_host_patterns'] = ['^museum\.example\.org$', '^localhost$'];
$settings['update_free_access'] = FALSE;

<?php

// Where the data is. Everything comes from the environment, with one exception below.
return [
    'default' => env('DB_CONNECTION', 'mysql'),

    'connections' => [
        'mysql' => [
            'driver' => 'mysql',
            'url' => env('DB_URL'),
            'host' => env('DB_HOST', '127.0.0.1'),
            'port' => env('DB_PORT', '3306'),
            'database' => env('DB_DATABASE', 'booking'),
            'username' => env('DB_USERNAME', 'root'),
            'password' => env('DB_PASSWORD', ''),
            'strict' => true,
            'options' => array_filter([PDO::MYSQL_ATTR_SSL_CA => env('MYSQL_ATTR_SSL_CA')]),
        ],

        // The old booking tool; read only. Moves to a variable when the VPN is gone.
        'legacy' => [
            'driver' => 'mysql',
            'host' => '10.20.0.14',
            'database' => 'rooms',
            'username' => 'reader',
            'password' => 'Wq81-rooms-Ro',
        ],
    ],

    'redis' => [
        'client' => 'phpredis',
        'options' => ['prefix' => strtolower((string) env('APP_NAME', 'booking')).':'],
        'default' => [
            'host' => env('REDIS_HOST', 'redis'),
            'password' => env('REDIS_PASSWORD'),
            'port' => (int) env('REDIS_PORT', 6379),
        ],
    ],
];
